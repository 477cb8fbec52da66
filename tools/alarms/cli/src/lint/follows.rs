//! A threshold that comes from settings is what they make it.

use alarms::model::Follows;
use serde_json::Value;

use super::{Context, Findings};

const RULE: &str = "follows";

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(settings) = context.settings else { return };
    for alarm in &context.catalogue.metric_alarms {
        let (key, threshold) = (&alarm.spec.key, alarm.spec.threshold);
        let Some(follows) = &alarm.spec.follows else { continue };
        match worth(follows, settings) {
            Err(path) => {
                let what = format!("its threshold follows {path}, and no setting of that name is a number");
                findings.add(RULE, key, what, "name one of the settings, its parts joined by dots");
            }
            Ok(worth) if worth != threshold => {
                let what = format!("its threshold is {threshold}, and the settings make it {worth}: {}", sum(follows));
                findings.add(RULE, key, what, format!("write `threshold: {worth}`"));
            }
            Ok(_) => {}
        }
    }
}

/// The threshold that the settings make, or the path of a setting that is none.
fn worth<'a>(follows: &'a Follows, settings: &Value) -> Result<f64, &'a str> {
    follows.times.iter().try_fold(follows.plus, |sum, (path, factor)| {
        let setting = path.split('.').try_fold(settings, |value, part| value.get(part));
        let number = setting.and_then(Value::as_f64).ok_or(path.as_str())?;
        Ok(sum + factor * number)
    })
}

/// `800 x functions.validator.timeout_s`.
fn sum(follows: &Follows) -> String {
    let mut terms: Vec<String> = follows.times.iter().map(|(path, factor)| format!("{factor} x {path}")).collect();
    terms.extend((follows.plus != 0.0).then(|| follows.plus.to_string()));
    terms.join(" + ")
}
