// Pages are whole without scripts. These add: what changes by itself, keys, copying, forms that answer in place, and custom widgets.
import { follow } from "/assets/live.js";
import { keys } from "/assets/keys.js";
import { forms } from "/assets/forms.js";
import { custom } from "/assets/custom.js";

follow();
keys();
forms();
custom();
