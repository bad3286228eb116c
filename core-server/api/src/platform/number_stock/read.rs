//! Reads numbers for the stock out of a body: JSON, or CSV.

use axum::{
    extract::{FromRequest, Request},
    http::{HeaderMap, header},
};
use wigwag_model::{
    StockLineError, StockLines, StockNumber,
    api::{FieldError, LoadNumbers, RefusedLine},
};

use crate::{
    ApiState,
    error::ApiError,
    extract::{FieldsRefused, JsonBody},
};

/// Lines that are named when they cannot be read.
const NAMED: usize = 100;

/// What was read.
pub(super) struct Stock {
    pub(super) numbers: Vec<StockNumber>,
    pub(super) refused: u32,
    pub(super) refused_lines: Vec<RefusedLine>,
}

impl FromRequest<ApiState> for Stock {
    type Rejection = ApiError;

    async fn from_request(request: Request, api: &ApiState) -> Result<Self, ApiError> {
        if !is_csv(request.headers()) {
            let JsonBody(LoadNumbers { numbers }) = JsonBody::from_request(request, api).await?;
            return Ok(Stock {
                numbers,
                refused: 0,
                refused_lines: Vec::new(),
            });
        }
        let text = crate::extract::text(request, api).await?;
        Ok(csv(&text)?)
    }
}

fn is_csv(headers: &HeaderMap) -> bool {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = content_type.and_then(|value| value.split(';').next());
    essence.is_some_and(|essence| essence.trim().eq_ignore_ascii_case("text/csv"))
}

fn csv(text: &str) -> Result<Stock, FieldsRefused> {
    let mut lines = (1_u64..).zip(text.lines());
    let heading = lines.next().map_or("", |(_, line)| line);
    let columns = StockLines::heading(heading).map_err(refused_heading)?;
    let mut stock = Stock {
        numbers: Vec::new(),
        refused: 0,
        refused_lines: Vec::new(),
    };
    for (number, line) in lines {
        match columns.line(line) {
            Ok(read) => stock.numbers.extend(read),
            Err(error) => {
                stock.refused += 1;
                if stock.refused_lines.len() < NAMED {
                    let message = error.to_string();
                    stock.refused_lines.push(RefusedLine { line: number, message });
                }
            }
        }
    }
    Ok(stock)
}

fn refused_heading(error: StockLineError) -> FieldsRefused {
    FieldsRefused(vec![FieldError::new("line 1", "heading", error.to_string())])
}
