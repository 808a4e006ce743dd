//! Which user a request comes from, for what goes by it.

use crate::engine::Stream;

/// Tells the choice of a user from other draws.
const USER: u64 = 0x7573_6572;

/// Who the users of a client are. The users of all clients are numbered through.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Users {
    /// Nobody wants to know.
    Unknown,
    /// Each request is tagged with its user's number, from 0.
    Tagged {
        /// The number of the first.
        first: u32,
    },
    /// Any of so many, as the stream of who asks has it.
    Drawn {
        /// The number of the first.
        first: u32,
        /// How many there are.
        count: u32,
    },
}

impl Users {
    /// The user of a request with this tag from somebody with this stream.
    #[inline]
    pub(super) fn pick(self, tag: u32, whose: Stream) -> u32 {
        match self {
            Users::Unknown => 0,
            Users::Tagged { first } => first.wrapping_add(tag),
            Users::Drawn { first, count } => {
                first.wrapping_add(whose.at(USER).draws().below(count as usize) as u32)
            }
        }
    }
}
