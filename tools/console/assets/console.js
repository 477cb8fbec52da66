// Pages are whole without scripts. These add: what changes by itself, keys, copying, and forms that answer in place.
import { follow } from "/assets/live.js";
import { keys } from "/assets/keys.js";
import { forms } from "/assets/forms.js";

follow();
keys();
forms();
