package io.tallymq.broker.logs;

/** Something that has to hold behind each entry; fails with an {@link AssertionError} that says what does not. */
interface AuditCheck {
    void look(AuditEntry e);
}
