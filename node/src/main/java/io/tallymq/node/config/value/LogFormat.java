package io.tallymq.node.config.value;

/** As what a line of the log is written. */
public enum LogFormat {
    /** For people. */
    TEXT,
    /** An object a line, for programs. */
    JSON
}
