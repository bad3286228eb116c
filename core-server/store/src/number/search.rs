//! Looking through the stock, in the order of the numbers, page by page.

use wigwag_model::{NumberCapability, PhoneNumber, StockNumber, StockPlace, StockSearch};

use super::{STOCK, rows};
use crate::{
    Store, StoreError, TenantTx,
    db::{Query, Scope, Tx, query},
};

/// Some numbers of the stock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StockPage {
    /// The numbers and where they are.
    pub numbers: Vec<(StockNumber, StockPlace)>,
    /// The page after this one begins after this number; `None` on the last page.
    pub next: Option<PhoneNumber>,
}

impl<Access> TenantTx<Access> {
    /// The numbers after `after` that fit `search` and that the company could take: those that are free, and those
    /// that it has given back itself; at most `limit` of them.
    pub async fn search_stock(
        &mut self,
        search: &StockSearch,
        after: Option<&PhoneNumber>,
        limit: u32,
    ) -> Result<StockPage, StoreError> {
        let select = query(
            STOCK,
            "SELECT * FROM number_stock
             WHERE number > $1 AND number >= $9 AND number <= $2 AND area_lower LIKE $3 ESCAPE '!' AND ($4 IS NULL OR kind = $4)
                 AND (calls OR NOT $5) AND (sms OR NOT $6) AND (fax OR NOT $7)
                 AND (tenant_id IS NULL OR (tenant_id = $10 AND quarantined_until IS NOT NULL))
             ORDER BY number LIMIT $8",
        );
        let select = bound(select, search, after, limit).bind(&self.tenant_id);
        page(&mut self.tx, select, limit).await
    }
}

impl Store {
    /// The numbers of the whole stock after `after` that fit `search`, at most `limit` of them.
    pub async fn stock(
        &self,
        search: &StockSearch,
        after: Option<&PhoneNumber>,
        limit: u32,
    ) -> Result<StockPage, StoreError> {
        let select = query(
            STOCK,
            "SELECT * FROM number_stock
             WHERE number > $1 AND number >= $9 AND number <= $2 AND area_lower LIKE $3 ESCAPE '!' AND ($4 IS NULL OR kind = $4)
                 AND (calls OR NOT $5) AND (sms OR NOT $6) AND (fax OR NOT $7)
             ORDER BY number LIMIT $8",
        );
        let mut tx = self.db.read(Scope::Platform).await?;
        page(&mut tx, bound(select, search, after, limit), limit).await
    }
}

/// `select` with what is searched for from `$1` to `$9`.
fn bound(select: Query, search: &StockSearch, after: Option<&PhoneNumber>, limit: u32) -> Query {
    let prefix = search.prefix.as_ref().map_or("", |prefix| prefix.digits());
    // Digits alone sort alike in every collation, and no number is longer than the last of the range.
    let (first, end) = (format!("+{prefix}"), format!("+{prefix}999999999999999"));
    let after = after.map_or_else(String::new, PhoneNumber::to_string);
    let needs = |capability| search.capability == Some(capability);
    select
        .bind(&after)
        .bind(&end)
        .bind(&contains(search.area.as_deref().unwrap_or("")))
        .bind(&search.kind)
        .bind(&needs(NumberCapability::Calls))
        .bind(&needs(NumberCapability::Sms))
        .bind(&needs(NumberCapability::Fax))
        // One more than asked for tells whether there is another page.
        .bind(&limit.saturating_add(1))
        .bind(&first)
}

/// The pattern of texts with `part` in them.
fn contains(part: &str) -> String {
    let mut pattern = String::from("%");
    for character in part.trim().to_lowercase().chars() {
        if matches!(character, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}

async fn page(tx: &mut Tx, select: Query, limit: u32) -> Result<StockPage, StoreError> {
    let rows = tx.rows(select).await?;
    let mut numbers: Vec<_> = rows.iter().map(rows::stock_number).collect::<Result<_, _>>()?;
    let more = numbers.len() > limit as usize;
    numbers.truncate(limit as usize);
    let last = numbers.last().filter(|_| more);
    Ok(StockPage {
        next: last.map(|(stock, _)| stock.number.clone()),
        numbers,
    })
}

#[cfg(test)]
mod tests {
    use wigwag_model::{Author, NumberCapabilities, NumberKind};

    use super::*;
    use crate::testing::{NOW, TestStore};

    fn in_area(number: &str, area: &str, sms: bool) -> StockNumber {
        let number: PhoneNumber = number.parse().unwrap();
        StockNumber {
            area: area.to_owned(),
            kind: NumberKind::of(&number),
            number,
            capabilities: NumberCapabilities {
                calls: true,
                sms,
                fax: false,
            },
            monthly_price: 0,
        }
    }

    #[tokio::test]
    async fn the_stock_is_searched_by_area_beginning_kind_and_capability() {
        let mut test = TestStore::new().await;
        let mut tx = test.store.write_platform(Author::server(NOW)).await.unwrap();
        let numbers = [
            in_area("0115 896 0001", "Nottingham", true),
            in_area("0115 896 0002", "Nottingham", false),
            in_area("01632 960001", "100% No_Where!", false),
            in_area("0800 496 0001", "Freephone", false),
            in_area("07700 900001", "Mobile", true),
        ];
        tx.load_stock(&numbers).await.unwrap();
        tx.load_stock(&numbers).await.unwrap();
        tx.commit().await.unwrap();
        let tenant = test.tenant().await;
        let found = async |search: StockSearch| {
            let ours = test.read(&tenant).await.search_stock(&search, None, 10).await.unwrap();
            assert_eq!(test.store.stock(&search, None, 10).await.unwrap(), ours);
            ours.numbers.len()
        };
        let by_area = |area: &str| StockSearch {
            area: Some(area.to_owned()),
            ..StockSearch::default()
        };
        let by_prefix = |prefix: &str| StockSearch {
            prefix: Some(prefix.parse().unwrap()),
            ..StockSearch::default()
        };
        assert_eq!(found(StockSearch::default()).await, 5);
        assert_eq!(found(by_area("nOTTing")).await, 2);
        for odd in ["%", "_", "!", "' OR 1=1 --"] {
            assert_eq!(found(by_area(odd)).await, usize::from(odd.len() == 1), "{odd}");
        }
        assert_eq!(found(by_prefix("0115")).await, 2);
        assert_eq!(found(by_prefix("+44 1158960002")).await, 1);
        assert_eq!(found(by_prefix("0116")).await, 0);
        let sms = StockSearch {
            capability: Some(NumberCapability::Sms),
            ..StockSearch::default()
        };
        assert_eq!(found(sms).await, 2);
        let mobile = StockSearch {
            kind: Some(NumberKind::Mobile),
            ..StockSearch::default()
        };
        assert_eq!(found(mobile).await, 1);
    }

    #[tokio::test]
    async fn pages_follow_each_other_also_within_a_beginning() {
        let mut test = TestStore::new().await;
        let mut tx = test.store.write_platform(Author::server(NOW)).await.unwrap();
        let numbers = (0..5).map(|last| in_area(&format!("0115 896 000{last}"), "Nottingham", false));
        tx.load_stock(&numbers.collect::<Vec<_>>()).await.unwrap();
        tx.commit().await.unwrap();
        let tenant = test.tenant().await;
        let search = StockSearch {
            prefix: Some("0115".parse().unwrap()),
            ..StockSearch::default()
        };
        let (mut after, mut seen) = (None, Vec::new());
        loop {
            let mut tx = test.read(&tenant).await;
            let page = tx.search_stock(&search, after.as_ref(), 2).await.unwrap();
            seen.extend(page.numbers.into_iter().map(|(stock, _)| stock.number));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(seen.len(), 5);
        assert!(seen.is_sorted());
    }
}
