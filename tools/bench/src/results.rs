//! All that `bench run` finds, as it is kept.

use serde::{Deserialize, Serialize};

use crate::{
    contestants::LeftOut,
    cost::Cost,
    fates::FateFigures,
    figures::{Extent, Figures, Spread},
    machine::Machine,
};

/// All that `bench run` finds.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Results {
    pub(crate) date: String,
    pub(crate) commit: String,
    pub(crate) machine: Machine,
    pub(crate) extent: Extent,
    pub(crate) contestants: Vec<Figures>,
    /// Processor time of each further record of a batch.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) further_record_us: Option<Spread>,
    pub(crate) left_out: Vec<LeftOut>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(crate) fates: Vec<FateFigures>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) cost: Option<Cost>,
}

impl Results {
    pub(crate) fn of(&self, id: &str) -> Option<&Figures> {
        self.contestants.iter().find(|figures| figures.id == id)
    }
}
