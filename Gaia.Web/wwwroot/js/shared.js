// A conversation that is only read: colours in its code, formulas, and buttons that copy.
import { enhance } from "./chat-text.js";

enhance(document.body);
