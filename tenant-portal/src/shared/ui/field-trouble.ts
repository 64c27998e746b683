/// A refusal that is about one field of a form is said at that field.
import type { FormInstance } from 'antd';
import type { TFunction } from 'i18next';
import { isProblem } from '@/api/problem';
import { problemText } from '@/shared/i18n/problem-text';

/** The field of `names` that the refusal is about. */
export function fieldOf(error: unknown, names: readonly string[]): string | null {
  const field = isProblem(error) ? (error.params.field ?? error.fields[0]?.path.replace(/^\//, '')) : null;
  return typeof field === 'string' && names.includes(field) ? field : null;
}

/** Writes it there; a refusal of nothing that the form shows is left to `Trouble`. */
export function sayAtField(form: FormInstance, t: TFunction, error: unknown, names: readonly string[]): void {
  const name = fieldOf(error, names);
  if (!name) return;
  const { title, next } = problemText(t, error);
  form.setFields([{ name, errors: [[title, next].filter(Boolean).join(' ')] }]);
  form.scrollToField(name, { focus: true });
}
