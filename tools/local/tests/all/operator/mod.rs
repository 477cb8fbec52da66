//! What an operator does, on the real stack and with the real command line.

mod commands;
mod dlq;
mod drills;
mod stack;
mod traces;
