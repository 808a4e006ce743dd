//! Which part of a sweep is to be run: as is said, or as the scheduler says that started it.

use std::str::FromStr;

use crate::experiment::Shard;

/// What `--shard` says.
#[derive(Clone, Copy)]
pub(super) enum Part {
    /// The part itself.
    Given(Shard),
    /// What the variables of Slurm or Kubernetes say.
    Auto,
}

impl FromStr for Part {
    type Err = String;

    fn from_str(text: &str) -> Result<Part, String> {
        match text {
            "auto" => Ok(Part::Auto),
            text => text.parse().map(Part::Given).map_err(|error| error + ", or auto"),
        }
    }
}

/// The tasks of an array in Slurm: this one, and the whole array.
const SLURM_TASK: &str = "SLURM_ARRAY_TASK_ID";
const SLURM_LEAST: &str = "SLURM_ARRAY_TASK_MIN";
const SLURM_GREATEST: &str = "SLURM_ARRAY_TASK_MAX";
const SLURM_COUNT: &str = "SLURM_ARRAY_TASK_COUNT";
/// The pods of an indexed job in Kubernetes, which count from 0.
const KUBERNETES_TASK: &str = "JOB_COMPLETION_INDEX";

/// The shard that is meant, of so many if that is said. `variable` reads the environment.
pub(super) fn shard(
    part: Option<Part>,
    shards: Option<usize>,
    variable: &dyn Fn(&str) -> Option<String>,
) -> Result<Shard, String> {
    let (index, count, of) = match part {
        None => return Ok(Shard::WHOLE),
        Some(Part::Given(shard)) if shards.is_none_or(|count| count == shard.count) => {
            return Ok(shard);
        }
        Some(Part::Given(shard)) => {
            return Err(format!("--shard {shard} says of how many; leave out --shards"));
        }
        Some(Part::Auto) => automatic(shards, variable)?,
    };
    match 1 <= index && index <= count {
        true => Ok(Shard { index, count }),
        false => Err(format!("{of} is shard {index}, and there are {count}: see --shards")),
    }
}

/// The number of the shard from 1, the number of shards, and what says so.
fn automatic(
    shards: Option<usize>,
    variable: &dyn Fn(&str) -> Option<String>,
) -> Result<(usize, usize, String), String> {
    let number = |name: &str| -> Result<Option<usize>, String> {
        let Some(text) = variable(name) else { return Ok(None) };
        let wrong = || format!("{name}={text} is no number that counts shards");
        text.parse().map(Some).map_err(|_| wrong())
    };
    match (number(SLURM_TASK)?, number(KUBERNETES_TASK)?) {
        (Some(_), Some(_)) => Err(format!(
            "{SLURM_TASK} and {KUBERNETES_TASK} are both set: say the part, such as --shard 3/16"
        )),
        (Some(task), None) => {
            let least = (number(SLURM_LEAST)?, number(SLURM_GREATEST)?, number(SLURM_COUNT)?);
            let count = match (shards, least) {
                (Some(count), _) => count,
                (None, (Some(1), Some(greatest), Some(count))) if greatest == count => count,
                _ => {
                    return Err("the array of Slurm does not go from 1 to the number of shards: \
                                say how many there are with --shards"
                        .to_owned());
                }
            };
            Ok((task, count, format!("{SLURM_TASK}={task}")))
        }
        (None, Some(task)) => {
            let count =
                shards.ok_or("Kubernetes does not say how many shards there are: --shards")?;
            Ok((task.saturating_add(1), count, format!("{KUBERNETES_TASK}={task}")))
        }
        (None, None) => Err(format!(
            "nothing says which shard this is: neither Slurm ({SLURM_TASK}) nor Kubernetes \
             ({KUBERNETES_TASK}); say the part, such as --shard 3/16"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The shard with these variables, or why there is none.
    fn automatically(shards: Option<usize>, variables: &[(&str, &str)]) -> Result<String, String> {
        let variable = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        shard(Some(Part::Auto), shards, &variable).map(|shard| shard.to_string())
    }

    fn slurm(task: &str, shards: Option<usize>) -> Result<String, String> {
        let array = [(SLURM_LEAST, "1"), (SLURM_GREATEST, "16"), (SLURM_COUNT, "16")];
        automatically(shards, &[&[(SLURM_TASK, task)], &array[..]].concat())
    }

    #[test]
    fn a_task_of_slurm_is_the_shard_of_its_number() {
        assert_eq!(slurm("3", None), Ok("3/16".to_owned()));
        assert_eq!(slurm("16", Some(40)), Ok("16/40".to_owned()));
        assert!(slurm("17", None).is_err_and(|why| why.contains("is shard 17, and there are 16")));
        assert!(slurm("0", None).is_err());
        assert!(slurm("x", None).is_err_and(|why| why.contains("SLURM_ARRAY_TASK_ID=x")));
        // Two tasks that are run again are not two shards of two.
        let again = [(SLURM_TASK, "3"), (SLURM_LEAST, "3"), (SLURM_GREATEST, "7")];
        let again = [&again[..], &[(SLURM_COUNT, "2")]].concat();
        assert!(automatically(None, &again).is_err_and(|why| why.contains("--shards")));
        assert_eq!(automatically(Some(16), &again), Ok("3/16".to_owned()));
    }

    #[test]
    fn a_pod_of_kubernetes_counts_from_nothing() {
        assert_eq!(automatically(Some(4), &[(KUBERNETES_TASK, "0")]), Ok("1/4".to_owned()));
        assert_eq!(automatically(Some(4), &[(KUBERNETES_TASK, "3")]), Ok("4/4".to_owned()));
        assert!(automatically(Some(4), &[(KUBERNETES_TASK, "4")]).is_err());
        let why = automatically(None, &[(KUBERNETES_TASK, "0")]);
        assert!(why.is_err_and(|why| why.contains("--shards")));
        let both = [(KUBERNETES_TASK, "0"), (SLURM_TASK, "1")];
        assert!(automatically(Some(4), &both).is_err_and(|why| why.contains("both set")));
    }

    #[test]
    fn what_is_said_outright_needs_no_variable() {
        let given = |part: &str, shards| shard(Some(part.parse()?), shards, &|_| None);
        assert_eq!(given("2/3", None), Ok(Shard { index: 2, count: 3 }));
        assert!(given("2/3", Some(4)).is_err());
        assert!(given("4/3", None).is_err_and(|why| why.contains("3/16")));
        assert!(given("auto", None).is_err_and(|why| why.contains("nothing says which shard")));
        assert_eq!(shard(None, None, &|_| None), Ok(Shard::WHOLE));
    }
}
