package io.tallymq.tally.base;

import io.tallymq.tally.http.ApiPath;
import picocli.CommandLine.Option;

/** What every list can be asked for; the node does it. */
public final class ListOptions {
    @Option(names = "--filter", paramLabel = "TEXT", description = "Only names that contain it.")
    private String filter;

    @Option(names = "--regex", description = "The filter is a regular expression.")
    private boolean regex;

    @Option(names = "--sort", paramLabel = "FIELD", description = "By a field of the JSON, for example messages.")
    private String sort;

    @Option(names = "--reverse", description = "The last first.")
    private boolean reverse;

    @Option(names = "--columns", paramLabel = "A,B", description = "With --json: these fields only.")
    private String columns;

    /**
     * Of a path that has no parameters yet.
     *
     * @param shown the fields that a table needs: the node sends no others
     */
    public ApiPath on(ApiPath path, boolean json, String shown) {
        return path.with("name", filter)
                .with("use_regex", filter != null && regex ? "true" : null)
                .with("sort", sort)
                .with("sort_reverse", reverse ? "true" : null)
                .with("columns", json ? columns : shown);
    }
}
