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
            "SELECT n.number, n.kind, n.id, COALESCE(e.name, g.name) AS name FROM internal_numbers n
                 LEFT JOIN extensions e ON e.tenant_id = n.tenant_id AND e.id = n.id AND n.kind = 'extension'
                 LEFT JOIN ring_groups g ON g.tenant_id = n.tenant_id AND g.id = n.id AND n.kind = 'ring_group'
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

    /// [`StoreError::Unknown`] for `field` when the company has no such destination, or none of that kind yet.
    pub(crate) async fn require_destination(
        &mut self,
        field: &'static str,
        destination: Destination,
    ) -> Result<(), StoreError> {
        match self.destination(destination).await? {
            Some(_) => Ok(()),
            None => Err(StoreError::Unknown { field }),
        }
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
