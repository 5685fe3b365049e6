/** A piece of a source that can be found and cited on its own. */
export interface SourceSection {
  heading: string;
  body: string;
}
