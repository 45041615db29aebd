package io.tallymq.tally.base;

import io.tallymq.tally.context.Failure;
import io.tallymq.tally.http.ApiClient;
import io.tallymq.tally.output.Output;
import io.tallymq.tally.profile.ClusterTarget;
import java.util.concurrent.Callable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** A command. Returns when it is done, and throws {@link Failure} when it is not. */
public abstract class ApiCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    protected abstract void run() throws Exception;

    @Override
    public final Integer call() throws Exception {
        run();
        return 0;
    }

    protected GlobalOptions options() {
        return (GlobalOptions) spec.root().userObject();
    }

    protected ApiClient api() {
        return options().client();
    }

    protected ClusterTarget target() {
        return options().target();
    }

    protected Output out() {
        return options().output();
    }

    /** The virtual host it is about. */
    protected String vhost() {
        return target().vhost();
    }

    /** A wrong use that picocli can't see. */
    protected Failure usage(String reason) {
        return Failure.usage(reason + "; see: " + spec.qualifiedName() + " --help");
    }
}
