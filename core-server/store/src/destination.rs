//! Everything of a company that a call can be sent to, by number and name.

use wigwag_model::{Destination, api::DestinationView};

use crate::{
    StoreError, TenantTx,
    db::{Row, query},
};

const TABLE: &str = "internal_numbers";

impl<Access> TenantTx<Access> {
    /// All of it, in the order of the numbers.
    pub async fn destinations(&mut self) -> Result<Vec<DestinationView>, StoreError> {
        let select = query(
            TABLE,
            "SELECT n.number, n.kind, n.id, e.name FROM internal_numbers n
                 JOIN extensions e ON e.tenant_id = n.tenant_id AND e.id = n.id AND n.kind = 'extension'
             WHERE n.tenant_id = $1 ORDER BY n.number",
        );
        let rows = self.tx.rows(select.bind(&self.tenant_id)).await?;
        rows.iter().map(view).collect()
    }

    /// What is known of `destination`.
    pub async fn destination(&mut self, destination: Destination) -> Result<Option<DestinationView>, StoreError> {
        let all = self.destinations().await?;
        Ok(all.into_iter().find(|view| view.destination == destination))
    }
}

fn view(row: &Row) -> Result<DestinationView, StoreError> {
    let (kind, id): (String, String) = (row.read("kind")?, row.read("id")?);
    Ok(DestinationView {
        destination: Destination::from_parts(&kind, &id).ok_or_else(|| row.corrupt("kind"))?,
        number: row.read("number")?,
        name: row.read("name")?,
    })
}
