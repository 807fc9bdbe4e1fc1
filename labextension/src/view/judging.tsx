/** What the runs of a validation are compared with: the built service, a baseline, and the model in service. */

import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { OfferedProject } from '../model/schema';
import { Fold, Lines, OneOfFiles, Text, Wrong, type IFieldProps } from './formfields';

export function Judging({ validation, trans, change }: IFieldProps): React.JSX.Element {
  const { form, planned } = validation;
  const last = planned?.last ?? null;
  const isFile = form.baseline !== '' && form.baseline !== 'last';
  const [wantsFile, setWantsFile] = React.useState(isFile);
  const isWrong =
    FIELDS.some(name => validation.wrong(name) !== null) || ['margins', 'gate'].some(name => validation.wrongIn(name).length > 0);
  const chosen = isFile || wantsFile ? 'file' : form.baseline;
  return (
    <Fold title={trans.__('What they are compared with')} isWrong={isWrong}>
      <Service validation={validation} trans={trans} change={change} />
      <label className="nb2svc-Option nb2svc-mod-text">
        {trans.__('Baseline')}
        <select
          value={chosen}
          onChange={event => {
            const { value } = event.currentTarget;
            setWantsFile(value === 'file');
            change({ baseline: value === 'last' ? 'last' : '' });
          }}
        >
          <option value="">{trans.__('none')}</option>
          <option value="last">
            {last
              ? trans._n('the last validation: %1 run', 'the last validation: %1 runs', last.runs)
              : trans.__('the last validation')}
          </option>
          <option value="file">{trans.__('a file, or one in a revision of git')}</option>
        </select>
      </label>
      {chosen === 'file' && (
        <Text
          name="baseline"
          label={trans.__('File')}
          placeholder={trans.__('main:champion.json')}
          {...{ validation, trans, change }}
        />
      )}
      {chosen !== 'file' && <Wrong id="nb2svc-baseline-wrong" problem={validation.wrong('baseline')} />}
      <OneOfFiles
        name="champion"
        label={trans.__('Gate: no worse than the champion, by each margin')}
        other={trans.__('another file, or one in a revision of git')}
        otherLabel={trans.__('Validation of the champion')}
        placeholder={trans.__('main:champion.json')}
        offered={planned?.offered?.validations ?? []}
        {...{ validation, trans, change }}
      />
      {form.champion !== '' && (
        <label className="nb2svc-Option">
          <input
            type="checkbox"
            checked={form.otherData}
            onChange={event => change({ otherData: event.currentTarget.checked })}
          />
          {trans.__('The champion may have been validated on other files')}
        </label>
      )}
      <Lines
        name="margins"
        label={trans.__('A metric may be worse by, one a line')}
        placeholder={`${last?.metrics[0] ?? 'auc'}=0.01`}
        problems={validation.wrongIn('margins')}
        {...{ validation, trans, change }}
      />
      {last && last.metrics.length > 0 && (
        <p className="nb2svc-Note">{trans.__('Metrics of the last validation: %1', last.metrics.join(', '))}</p>
      )}
      <Lines
        name="lower"
        label={trans.__('Of these metrics less is better, one a line')}
        placeholder={trans.__('cost')}
        problems={[validation.wrong('lower')].flatMap(each => each ?? [])}
        {...{ validation, trans, change }}
      />
      <Lines
        name="higher"
        label={trans.__('Of these metrics more is better, one a line')}
        placeholder={trans.__('profit')}
        problems={[]}
        {...{ validation, trans, change }}
      />
    </Fold>
  );
}

const FIELDS = ['baseline', 'lower', 'service', 'project'] as const;

/** The built service, where there is one; else what to do first. */
function Service({ validation, trans, change }: IFieldProps): React.JSX.Element {
  const { form, planned } = validation;
  const projects = planned?.offered?.projects ?? [];
  const current = projects.filter(each => each.current);
  const problem = validation.wrong('service') ?? validation.wrong('project');
  const cannot = planned && current.length === 0 ? reasonOf(projects, trans) : '';
  return (
    <>
      <label className="nb2svc-Option">
        <input
          type="checkbox"
          checked={form.service}
          disabled={!form.service && (planned === null || current.length === 0)}
          aria-invalid={problem !== null}
          aria-describedby={problem ? 'nb2svc-service-wrong' : cannot ? 'nb2svc-service-note' : undefined}
          onChange={event => change({ service: event.currentTarget.checked })}
        />
        {trans.__('The built service, trained with each run’s parameters: does it answer alike?')}
      </label>
      {!problem && cannot && (
        <p id="nb2svc-service-note" className="nb2svc-Note">
          {cannot}
        </p>
      )}
      {form.service && (projects.length > 1 || form.project !== '') && (
        <label className="nb2svc-Option nb2svc-mod-text">
          {trans.__('Its project')}
          <select value={form.project} onChange={event => change({ project: event.currentTarget.value })}>
            <option value="">{trans.__('the newest')}</option>
            {projects.map(({ path, current: isCurrent }) => (
              <option key={path} value={path}>
                {isCurrent ? path : trans.__('%1 (of another state of the notebook)', path)}
              </option>
            ))}
            {form.project !== '' && !projects.some(({ path }) => path === form.project) && (
              <option value={form.project}>{form.project}</option>
            )}
          </select>
        </label>
      )}
      <Wrong id="nb2svc-service-wrong" problem={problem} />
    </>
  );
}

function reasonOf(projects: readonly OfferedProject[], trans: TranslationBundle): string {
  const [newest] = projects;
  return newest
    ? trans.__('%1 was built from another state of the notebook: build it again first (“Build”, above).', newest.path)
    : trans.__('The notebook was not built yet: build it first (“Build”, above).');
}
