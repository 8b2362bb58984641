import { clmConformance } from '../../conformance/clm.js';
import { makeModel } from '../../conformance/model.js';

clmConformance(makeModel);
