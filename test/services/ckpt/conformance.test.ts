import { ckptConformance } from '../../conformance/ckpt.js';
import { conformanceModel } from './support.js';

ckptConformance(conformanceModel);
