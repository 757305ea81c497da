import type { Scalar } from '../../model/scalar.js';

/** What is chosen outside of the files. */
export interface SettingsOptions {
  /** Environment of the Project. Default: MIGPLAN_ENV. An empty one is a mistake where the Project has environments. */
  readonly environment?: string;
  /** `name=value`, as --var takes them. They come before MIGPLAN_VAR_name. */
  readonly variables?: readonly string[];
  /** What a saved plan was made with; it counts in place of all of these. */
  readonly saved?: ProjectSettings;
}

/** What was chosen. Values of variables are no secrets. */
export interface ProjectSettings {
  readonly environment?: string;
  readonly variables: Readonly<Record<string, Scalar>>;
}
