//! What a line commands: JSON, or words. Pure.
//!
//! | words                                        | JSON                                              |
//! |----------------------------------------------|---------------------------------------------------|
//! | `call --to +441632960500 --from withheld`    | `{"call":{"to":"+441632960500","from":"withheld"}}` |
//! | `hang-up 1`, `hold 1`, `take-back 1`, `hear 1` | `{"hang_up":{"call":1}}`, …                     |
//! | `press 1 12#`                                | `{"press":{"call":1,"keys":"12#"}}`               |
//! | `up`, `down`                                 | `{"condition":"up"}`, …                           |
//! | `overloaded 30`                              | `{"condition":{"overloaded":{"retry_after_secs":30}}}` |
//! | `flapping 5000 2000`                         | `{"condition":{"flapping":{"up_ms":5000,"down_ms":2000}}}` |
//! | `seen`, `quit`                               | `"seen"`, `"quit"`                                |
//!
//! `call` knows all fields of [`CallIn`](crate::CallIn), with hyphens: `--over` is `udp:` or `tcp:` with an address, or
//! `account:` with a name; `--from` is a number, `withheld` or `unavailable`; `--tone HZ` or `--echo` is what is said,
//! and `--hang-up-after` is in seconds.

use serde::Deserialize;
use serde_json::{Map, Value, json};
use thiserror::Error;

use crate::{
    call_in::{CallIn, Way},
    condition::Condition,
};

/// What a line commands.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Order {
    Call(Box<CallIn>),
    HangUp { call: u32 },
    Hold { call: u32 },
    TakeBack { call: u32 },
    Press { call: u32, keys: String },
    Hear { call: u32 },
    Condition(Condition),
    Seen,
    Quit,
}

/// Why a line commands nothing.
#[derive(Debug, Error)]
pub enum OrderError {
    /// The first word is no command.
    #[error("commands are call, hang-up, hold, take-back, press, hear, up, down, overloaded, flapping, seen and quit")]
    Unknown,
    /// A word is missing, too much, or no number where one is needed.
    #[error("{0}")]
    Usage(&'static str),
    /// It does not fit together.
    #[error("the command cannot be read: {0}")]
    Unreadable(#[from] serde_json::Error),
}

impl Order {
    /// Reads a line that is not empty; `exchange` is who is called where the line does not say.
    pub(super) fn read(line: &str, exchange: Option<&Way>) -> Result<Order, OrderError> {
        let line = line.trim();
        let mut order = match line.chars().next() {
            Some('{' | '"') => serde_json::from_str(line)?,
            Some(_) | None => in_words(line)?,
        };
        if let (Some(Value::Object(call)), Some(exchange)) = (order.get_mut("call"), exchange)
            && !call.contains_key("over")
        {
            call.insert("over".to_owned(), serde_json::to_value(exchange)?);
        }
        Ok(serde_json::from_value(order)?)
    }
}

fn in_words(line: &str) -> Result<Value, OrderError> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let (Some(order), rest) = (words.first(), words.get(1..).unwrap_or_default()) else {
        return Err(OrderError::Unknown);
    };
    Ok(match *order {
        "call" => json!({ "call": call(rest)? }),
        "hang-up" | "hold" | "take-back" | "hear" => json!({ order.replace('-', "_"): { "call": the_call(rest)? } }),
        "press" => match rest {
            [id, keys] => json!({ "press": { "call": number(id)?, "keys": keys } }),
            _ => return Err(OrderError::Usage("press CALL KEYS")),
        },
        "up" | "down" => json!({ "condition": order }),
        "overloaded" => match rest {
            [secs] => json!({ "condition": { "overloaded": { "retry_after_secs": number(secs)? } } }),
            _ => return Err(OrderError::Usage("overloaded SECONDS")),
        },
        "flapping" => match rest {
            [up, down] => json!({ "condition": { "flapping": { "up_ms": number(up)?, "down_ms": number(down)? } } }),
            _ => return Err(OrderError::Usage("flapping UP_MS DOWN_MS")),
        },
        "seen" | "quit" => json!(order),
        _ => return Err(OrderError::Unknown),
    })
}

fn the_call(words: &[&str]) -> Result<u64, OrderError> {
    match words {
        [call] => number(call),
        _ => Err(OrderError::Usage("say which call, by its number")),
    }
}

fn call(words: &[&str]) -> Result<Map<String, Value>, OrderError> {
    const USAGE: OrderError = OrderError::Usage("call --to NUMBER [--from NUMBER] [--over udp:ADDRESS] …");
    let mut call = Map::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let name = word.strip_prefix("--").ok_or(USAGE)?.replace('-', "_");
        let (name, value) = match name.as_str() {
            "echo" => ("says".to_owned(), json!("echo")),
            "without_offer" => (name, json!(true)),
            _ => {
                let value = words.next().ok_or(USAGE)?;
                option(name, value)?
            }
        };
        call.insert(name, value);
    }
    Ok(call)
}

fn option(name: String, value: &str) -> Result<(String, Value), OrderError> {
    Ok(match name.as_str() {
        "from" => {
            let is_told = !["withheld", "unavailable"].contains(&value);
            let value = if is_told {
                json!({ "number": value })
            } else {
                json!(value)
            };
            (name, value)
        }
        "over" => {
            const USAGE: OrderError = OrderError::Usage("--over is udp:ADDRESS, tcp:ADDRESS or account:NAME");
            let (kind, place) = value.split_once(':').ok_or(USAGE)?;
            let kind = if kind == "account" { "registration" } else { kind };
            (name, json!({ kind: place }))
        }
        "tone" => ("says".to_owned(), json!({ "tone": number(value)? })),
        "hang_up_after" => {
            let ms = number(value)?.saturating_mul(1000);
            ("hang_up_after_ms".to_owned(), json!(ms))
        }
        _ => (name, json!(value)),
    })
}

fn number(word: &str) -> Result<u64, OrderError> {
    word.parse().map_err(|_| OrderError::Usage("that is no number"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{behaviour::Sound, call_in::Caller};

    fn read(line: &str) -> String {
        match Order::read(line, None) {
            Ok(order) => format!("{order:?}"),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn words_and_json_say_the_same() {
        for (words, json) in [
            ("hang-up 1", r#"{"hang_up":{"call":1}}"#),
            ("press 2 12#", r#"{"press":{"call":2,"keys":"12#"}}"#),
            ("hear 3", r#"{"hear":{"call":3}}"#),
            ("down", r#"{"condition":"down"}"#),
            ("overloaded 9", r#"{"condition":{"overloaded":{"retry_after_secs":9}}}"#),
            ("flapping 5 6", r#"{"condition":{"flapping":{"up_ms":5,"down_ms":6}}}"#),
            (" quit ", r#""quit""#),
            (
                "call --to 999 --over udp:127.0.0.1:5060 --echo --keys 1",
                r#"{"call":{"to":"999","over":{"udp":"127.0.0.1:5060"},"says":"echo","keys":"1"}}"#,
            ),
        ] {
            assert_eq!(read(words), read(json));
            assert!(Order::read(words, None).is_ok(), "{}", read(words));
        }
    }

    #[test]
    fn a_call_has_all_that_a_caller_may_say() {
        let exchange = Way::Registration("exchange".to_owned());
        let line = "call --to +441632960500 --from withheld --network-number +447700900123 --identity remote_party_id \
                    --format national --tone 700 --hang-up-after 3 --without-offer --called-in to";
        let Ok(Order::Call(call)) = Order::read(line, Some(&exchange)) else {
            panic!("{}", read(line));
        };
        assert_eq!(
            (call.over, call.from, call.says),
            (exchange, Caller::Withheld, Sound::Tone(700))
        );
        assert_eq!((call.hang_up_after_ms, call.without_offer), (Some(3000), true));
        let line = "call --to 999 --from 07700900123 --over account:other";
        let Ok(Order::Call(call)) = Order::read(line, Some(&Way::Registration("one".to_owned()))) else {
            panic!("{}", read(line));
        };
        assert_eq!(call.over, Way::Registration("other".to_owned()));
        assert_eq!(call.from, Caller::Number("07700900123".to_owned()));
    }

    #[test]
    fn what_is_no_command_is_refused_with_a_reason() {
        for (line, reason) in [
            ("dance", "commands are"),
            ("press 1", "press CALL KEYS"),
            ("hang-up x", "that is no number"),
            ("hang-up", "say which call"),
            ("call --to", "call --to NUMBER"),
            ("call --to 1 --over fax:1", "unknown variant"),
            ("call --to 1 --over udp:1 --nothing 2", "unknown field"),
            ("call --to 1", "missing field `over`"),
            ("{", "cannot be read"),
        ] {
            assert!(read(line).contains(reason), "{line}: {}", read(line));
        }
    }
}
