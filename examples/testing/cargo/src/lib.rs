//! What is tested.
