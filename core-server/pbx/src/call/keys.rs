//! What phones of the company press in a call (features.md 1.Q, A01–A03): `**` and a number sends the other side on,
//! `##` and a number asks there first, `*0` goes back, `*3` makes it a call of three.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use wigwag_model::LegId;
use wigwag_sansio::{Now, Tick};

use super::Call;

/// Keys after which nothing more is taken for a number.
const MOST_KEYS: usize = 24;
/// The shortest number that can be dialled.
const LEAST_DIGITS: usize = 3;
/// A number is over when no key has followed for so long.
const NUMBER_ENDS: Duration = Duration::from_secs(2);
/// A code is forgotten when nothing has followed for so long.
const CODE_ENDS: Duration = Duration::from_secs(4);

/// Keys of one leg that may become a code.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Pressed {
    by: LegId,
    keys: String,
    pub(super) until: Tick,
}

/// What keys mean.
#[derive(Debug, PartialEq, Eq)]
enum Meaning {
    Nothing,
    /// More may follow.
    Beginning,
    /// A number, to which more digits may be added.
    Number(Code, SmolStr),
    /// All there is to say.
    Whole(Code, SmolStr),
}

/// A code in a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Code {
    SendOn,
    AskFirst,
    GoBack,
    AllThree,
}

impl Call {
    /// A leg has pressed a key.
    pub(super) fn pressed(&mut self, id: LegId, key: char, now: Now) {
        if self.is_treated() {
            self.pressed_while_treated(key);
        } else if self.is_asked(id) {
            self.pressed_when_asked(id, key, now);
        } else if self.legs.get(&id).is_some_and(|leg| leg.who.device().is_some()) {
            self.pressed_in_a_call(id, key, now);
        }
    }

    fn pressed_in_a_call(&mut self, id: LegId, key: char, now: Now) {
        let before = self
            .pressed
            .take()
            .filter(|before| before.by == id && before.until > now.tick);
        let mut keys = before.map_or_else(String::new, |before| before.keys);
        keys.push(key);
        if matches!(read(&keys), Meaning::Nothing) {
            keys = key.to_string();
        }
        let ends = match read(&keys) {
            Meaning::Nothing => return,
            Meaning::Beginning => CODE_ENDS,
            Meaning::Number(..) => NUMBER_ENDS,
            Meaning::Whole(code, number) => return self.carry_out(id, code, number, now),
        };
        let until = now.tick + ends;
        self.pressed = Some(Pressed { by: id, keys, until });
    }

    /// No key has followed for long enough.
    pub(super) fn pressed_enough(&mut self, now: Now) {
        let Some(pressed) = self.pressed.take_if(|pressed| pressed.until <= now.tick) else {
            return;
        };
        if let Meaning::Number(code, number) = read(&pressed.keys) {
            self.carry_out(pressed.by, code, number, now);
        }
    }

    fn carry_out(&mut self, by: LegId, code: Code, number: SmolStr, now: Now) {
        match code {
            Code::SendOn => self.send_on(by, number),
            Code::AskFirst => self.ask_first(by, number),
            Code::GoBack => self.go_back(by, now),
            Code::AllThree => self.all_three(by, now),
        }
    }
}

fn read(keys: &str) -> Meaning {
    let (code, number) = match keys {
        "*" | "#" | "**" | "##" => return Meaning::Beginning,
        "*0" => return Meaning::Whole(Code::GoBack, SmolStr::default()),
        "*3" => return Meaning::Whole(Code::AllThree, SmolStr::default()),
        keys => match (keys.strip_prefix("**"), keys.strip_prefix("##")) {
            (Some(number), _) => (Code::SendOn, number),
            (None, Some(number)) => (Code::AskFirst, number),
            (None, None) => return Meaning::Nothing,
        },
    };
    let whole = number.strip_suffix('#');
    let digits = whole.unwrap_or(number);
    // A number may begin with a star code, such as that to park.
    let plain = digits.strip_prefix('*').unwrap_or(digits);
    if keys.len() > MOST_KEYS || !plain.bytes().all(|byte| byte.is_ascii_digit()) {
        return Meaning::Nothing;
    }
    match whole {
        Some(_) if digits.len() < LEAST_DIGITS => Meaning::Nothing,
        Some(_) => Meaning::Whole(code, digits.into()),
        None if digits.len() < LEAST_DIGITS => Meaning::Beginning,
        None => Meaning::Number(code, digits.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_one_after_the_other() {
        assert_eq!(read("*"), Meaning::Beginning);
        assert_eq!(read("**10"), Meaning::Beginning);
        assert_eq!(read("**104"), Meaning::Number(Code::SendOn, "104".into()));
        assert_eq!(
            read("**01632960123"),
            Meaning::Number(Code::SendOn, "01632960123".into())
        );
        assert_eq!(read("##104#"), Meaning::Whole(Code::AskFirst, "104".into()));
        assert_eq!(read("***85"), Meaning::Number(Code::SendOn, "*85".into()));
        assert_eq!(read("*0"), Meaning::Whole(Code::GoBack, SmolStr::default()));
        assert_eq!(read("*3"), Meaning::Whole(Code::AllThree, SmolStr::default()));
        assert_eq!(read("1"), Meaning::Nothing);
        assert_eq!(read("**1*"), Meaning::Nothing);
        assert_eq!(read(&format!("**{}", "1".repeat(40))), Meaning::Nothing);
    }
}
