//! `tools/orders/drills.yaml`, and which alarms a drill is for.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context as _, Result, bail};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Of one drill.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Drill {
    pub(super) summary: String,
    pub(super) pages: Vec<String>,
    #[serde(default, rename = "break")]
    pub(super) breaks: Vec<String>,
    #[serde(default, rename = "fix")]
    pub(super) fixes: Vec<String>,
    #[serde(default)]
    pub(super) traffic: usize,
    pub(super) again_s: Option<u64>,
    /// From alarms.yaml.
    #[serde(default, skip_deserializing)]
    pub(super) alarms: Vec<String>,
}

/// By name.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(super) struct Drills(pub(super) BTreeMap<String, Drill>);

impl Drills {
    pub(super) fn read(project: &Path) -> Result<Self> {
        let mut drills: BTreeMap<String, Drill> =
            serde_norway::from_str(include_str!("../../../drills.yaml")).context("can't read drills.yaml")?;
        let path = project.join("terraform/alarms.yaml");
        let text = fs::read_to_string(&path)
            .with_context(|| format!("can't read {}: run it in the project's folder", path.display()))?;
        let catalogue: Value = serde_norway::from_str(&text).context("can't read terraform/alarms.yaml")?;
        for kind in ["alarms", "composites"] {
            for (key, alarm) in catalogue[kind].as_object().into_iter().flatten() {
                if let Some(drill) = alarm["drill"].as_str().and_then(|name| drills.get_mut(name)) {
                    drill.alarms.push(key.clone());
                }
            }
        }
        Ok(Self(drills))
    }

    pub(super) fn get(&self, name: &str) -> Result<&Drill> {
        self.0.get(name).with_context(|| format!("there is no drill {name}. By hand: {}", self.by_hand().join(", ")))
    }

    /// Those that commands can bring about.
    pub(super) fn by_hand(&self) -> Vec<&str> {
        self.0.iter().filter(|(_, drill)| !drill.breaks.is_empty()).map(|(name, _)| name.as_str()).collect()
    }

    pub(super) fn alarms_of(&self, name: &str) -> Result<Vec<String>> {
        let alarms = self.get(name)?.alarms.clone();
        if alarms.is_empty() {
            bail!("no alarm of terraform/alarms.yaml has the drill {name}");
        }
        Ok(alarms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_drill_by_hand_can_be_fixed_and_has_alarms() {
        let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let drills = Drills::read(&project).unwrap();
        assert!(drills.by_hand().len() >= 5, "{:?}", drills.by_hand());
        for (name, drill) in &drills.0 {
            assert_eq!(drill.breaks.is_empty(), drill.fixes.is_empty(), "{name}");
            assert!(!drill.alarms.is_empty() && !drill.pages.is_empty(), "{name}");
            for command in drill.breaks.iter().chain(&drill.fixes) {
                let words = shell_words::split(command).unwrap();
                assert!(matches!(words[0].as_str(), "orders" | "suite"), "{command}");
            }
        }
    }
}
