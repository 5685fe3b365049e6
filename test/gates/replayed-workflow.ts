/**
 * The workflow that `histories/greeting.json` was recorded from, with the name of its activity left open. A name that
 * changes after workflows have run under it is the commonest way to break them.
 */
export function greetingWorkflow(activity: string): string {
  return `
    import { proxyLocalActivities } from '@temporalio/workflow';

    const { ${activity} } = proxyLocalActivities<{ ${activity}(name: string): Promise<string> }>({
      startToCloseTimeout: '5s',
    });

    export async function greeting({ name }: { name: string }): Promise<string> {
      return ${activity}(name);
    }
  `;
}
