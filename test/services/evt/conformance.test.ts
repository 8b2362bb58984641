import { evtConformance } from '../../conformance/evt.js';
import { makeModel } from '../../conformance/model.js';

evtConformance(makeModel);
