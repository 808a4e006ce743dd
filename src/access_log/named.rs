//! What a person says of the columns of a table.

use crate::units::Span;

use super::field::Field;

/// Which column holds what. Each is called by its name, or by its number from 1; one that is not
/// given is found by the names that it usually has.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Named {
    /// When it was.
    pub time: Option<String>,
    /// The unit of times that are numbers: `ms`.
    pub unit: Option<String>,
    /// How many requests there were, from this row to the next.
    pub count: Option<String>,
    /// At which rate requests came, from this row to the next.
    pub rate: Option<String>,
    /// Of how long a rate is; a second if not given.
    pub per: Option<Span>,
    /// A request line.
    pub request: Option<String>,
    /// A name of a type.
    pub request_type: Option<String>,
    /// A method.
    pub method: Option<String>,
    /// A path or an address.
    pub path: Option<String>,
    /// The size of the response in bytes.
    pub bytes: Option<String>,
    /// Who asked.
    pub user: Option<String>,
}

impl Named {
    /// The columns that tell something of a request.
    pub(super) fn parts(&self) -> [(Field, &Option<String>); 6] {
        [
            (Field::Request, &self.request),
            (Field::Type, &self.request_type),
            (Field::Method, &self.method),
            (Field::Path, &self.path),
            (Field::Bytes, &self.bytes),
            (Field::User, &self.user),
        ]
    }
}
