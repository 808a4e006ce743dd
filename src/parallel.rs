//! The same work many times over, on all threads; without the feature `parallel` one after another.
//! What comes out is in the order of what went in, so that threads show in no result.

#[cfg(feature = "parallel")]
pub(crate) use rayon::prelude::{
    IndexedParallelIterator, IntoParallelIterator, IntoParallelRefIterator, ParallelIterator,
};

/// Does the work once on each thread that there is.
#[cfg(feature = "parallel")]
pub(crate) fn on_each_thread(work: impl Fn() + Sync) {
    rayon::broadcast(|_| work());
}

/// How many threads there are.
#[cfg(feature = "cli")]
pub(crate) fn threads() -> usize {
    #[cfg(feature = "parallel")]
    return rayon::current_num_threads();
    #[cfg(not(feature = "parallel"))]
    1
}

#[cfg(not(feature = "parallel"))]
pub(crate) use one_after_another::{IntoParallelIterator, IntoParallelRefIterator};

/// Does the work once on each thread that there is.
#[cfg(not(feature = "parallel"))]
pub(crate) fn on_each_thread(work: impl Fn() + Sync) {
    work();
}

#[cfg(not(feature = "parallel"))]
mod one_after_another {
    //! What rayon's iterators are called, for plain ones.

    pub(crate) trait IntoParallelIterator: IntoIterator + Sized {
        fn into_par_iter(self) -> Self::IntoIter {
            self.into_iter()
        }
    }

    impl<I: IntoIterator> IntoParallelIterator for I {}

    pub(crate) trait IntoParallelRefIterator<T> {
        fn par_iter(&self) -> std::slice::Iter<'_, T>;
    }

    impl<T> IntoParallelRefIterator<T> for [T] {
        fn par_iter(&self) -> std::slice::Iter<'_, T> {
            self.iter()
        }
    }
}
