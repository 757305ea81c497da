import { backendConformance } from './conformance.js';
import { asGitLab, asTerraform, httpPlace } from './http-place.js';

backendConformance("GitLab's API of states", () => httpPlace(asGitLab));
backendConformance('a server of Terraform states', () => httpPlace(asTerraform));
