//! Where a figure is shown unasked: in the tables and charts of sweeps, and in comparisons.

/// A figure that is shown unasked, of all requests together or of the component that is asked most
/// of those that have it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Headline {
    /// What people call it.
    pub title: &'static str,
    /// Of a percentile, which.
    pub quantile: Option<f64>,
    /// Whether sweeps show it.
    pub in_sweeps: InSweeps,
    /// Whether it is one of the figures that comparisons read at once.
    pub compared: bool,
}

/// Whether the tables and charts of sweeps show a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum InSweeps {
    /// Of any sweep.
    Always,
    /// Where it is above zero in any cell.
    WhereAny,
    /// Of none.
    Never,
}

impl Headline {
    /// Compared, and not shown of sweeps.
    pub(crate) const COMPARED: Headline =
        Headline { title: "", quantile: None, in_sweeps: InSweeps::Never, compared: true };

    /// Shown of any sweep, and compared.
    pub(crate) const fn always(title: &'static str) -> Headline {
        Headline { title, in_sweeps: InSweeps::Always, ..Headline::COMPARED }
    }

    /// Shown of sweeps in which it is above zero anywhere.
    pub(crate) const fn where_any(title: &'static str) -> Headline {
        Headline { title, quantile: None, in_sweeps: InSweeps::WhereAny, compared: false }
    }

    /// Of this quantile.
    pub(crate) const fn at(self, quantile: f64) -> Headline {
        Headline { quantile: Some(quantile), ..self }
    }
}
