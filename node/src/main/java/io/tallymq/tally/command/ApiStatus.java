package io.tallymq.tally.command;

/** Statuses of HTTP that tell more than that it went well. */
final class ApiStatus {
    static final int CREATED = 201;

    private ApiStatus() {}
}
