package io.tallymq.tally;

import io.tallymq.tally.base.GlobalOptions;
import io.tallymq.tally.context.Surroundings;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code tally completion}. */
@Command(
        name = "completion",
        header = "What a shell needs to complete commands and options.",
        sortOptions = false,
        footerHeading = "%nExamples:%n",
        footer = {
            "  source <(tally completion bash)                    for this shell",
            "  tally completion bash > ~/.local/share/bash-completion/completions/tally"
        })
final class CompletionCommand implements Callable<Integer> {
    /** Whose completion it is: what is printed is the same, and finds out by itself where it runs. */
    enum Shell {
        bash,
        zsh
    }

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "SHELL", description = "${COMPLETION-CANDIDATES}")
    private Shell shell;

    @Override
    public Integer call() {
        Surroundings surroundings = ((GlobalOptions) spec.root().userObject()).surroundings();
        CommandLine all = new CommandLine(new TallyCommand(surroundings));
        CommandTable.addAllTo(all);
        surroundings.out().println(AutoComplete.bash("tally", all));
        return 0;
    }
}
