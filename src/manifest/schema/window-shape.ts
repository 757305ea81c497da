import { forms } from './forms.js';
import { type Note, object, text, textOr } from './shape.js';

const note: Note = {
  description:
    'When the VM may be worked on. Either one time span (start, end) or a repeating one (cron, duration, timezone); not both.',
};

/** Either way of saying it; which fields go together is a rule over names, so that an error can tell it in words. */
export const windowShape = object(
  {
    optional: {
      start: text({ ...forms.time, description: 'When the window opens, ISO 8601 with a zone. Goes with end.' }),
      end: text({ ...forms.time, description: 'When the window closes, ISO 8601 with a zone. Goes with start.' }),
      cron: text({
        ...forms.cron,
        description:
          'When the window opens: minute, hour, day of month, month, day of week (0 and 7 are Sunday), in the given timezone. ' +
          'Lists, ranges, steps, JAN-DEC and SUN-SAT work. Goes with duration and timezone.',
      }),
      duration: text({ ...forms.duration, description: 'How long the window stays open after each opening. Goes with cron.' }),
      timezone: text({
        ...forms.timezone,
        description: 'IANA time zone in which cron is read, with its daylight saving time. Goes with cron.',
      }),
    },
  },
  note,
  {
    minProperties: 1,
    dependencies: {
      start: ['end'],
      end: ['start'],
      cron: ['duration', 'timezone'],
      duration: ['cron'],
      timezone: ['cron'],
    },
    not: { type: 'object', required: ['start', 'cron'] },
  },
);

export const windowOrNameShape = textOr(text({ ...forms.name, description: 'Name of a window of the Project.' }), windowShape, {
  title: 'window',
  description: `Name of a window of the Project, or a window in place. ${note.description}`,
  examples: ['nightly'],
});
