//! The answer to `describe`. The first block is what CloudWatch fills a new widget's parameters with.

pub(crate) const MARKDOWN: &str = "\
## Orders: custom widgets

Shows an order's way, the dead letters, and what fires with its runbook. `widget` says which:

``` yaml
widget: find-order
```

| `widget` | Other parameters | What it shows |
|---|---|---|
| `find-order` | `order`: an order's id, instead of the form's | a form; the order's waterfall, its steps' outcomes, and the two log lines that matter |
| `dead-letters` | | the dead-letter queue by reason; a redrive behind a confirmation, if the environment has `viewer_actions = true` |
| `alarms` | `page`: a runbook's name | what fires, and the runbook of it |

It reads X-Ray, CloudWatch Logs, CloudWatch and SQS with its own role, and shows no message's body.
";
