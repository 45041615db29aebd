package io.tallymq.raft.log.ratis;

import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.ratis.thirdparty.io.grpc.CallOptions;
import org.apache.ratis.thirdparty.io.grpc.Channel;
import org.apache.ratis.thirdparty.io.grpc.ClientCall;
import org.apache.ratis.thirdparty.io.grpc.ClientInterceptor;
import org.apache.ratis.thirdparty.io.grpc.ForwardingClientCall;
import org.apache.ratis.thirdparty.io.grpc.InternalConfigurator;
import org.apache.ratis.thirdparty.io.grpc.InternalConfiguratorRegistry;
import org.apache.ratis.thirdparty.io.grpc.ManagedChannelBuilder;
import org.apache.ratis.thirdparty.io.grpc.Metadata;
import org.apache.ratis.thirdparty.io.grpc.MethodDescriptor;
import org.apache.ratis.thirdparty.io.grpc.ServerBuilder;
import org.apache.ratis.thirdparty.io.netty.util.concurrent.FastThreadLocalThread;

/**
 * Lets Ratis' gRPC calls run on the event loops that read them. By default each message is handed to a thread of a pool, which
 * costs a wake-up per append and another one per answer: a tenth of a follower. What runs there is short: it appends to a
 * queue or counts an answer; a vote flushes its file, which is rare. Ratis builds its channels itself, so the only way in is
 * gRPC's own registry, which counts for the whole process.
 *
 * <p>A call that fails at once must not tell it on the thread that makes it: Ratis' sender has not stored the call yet, does not
 * see that it failed and waits for it for ever.
 */
final class GrpcThreads {
    private GrpcThreads() {}

    /** Any number of times, before the first channel or server is built. */
    static void direct() {
        Registered.touch();
    }

    /** From now on calls of this process to {@code address} carry {@code proof}, see {@link RaftCalls}. */
    static void prove(String address, byte[] proof) {
        Registered.PROOFS.byAddress.put(address, proof);
    }

    /** Adds to a call what the called node wants to see. Bounded by the number of peers. */
    private static final class Proofs implements ClientInterceptor {
        private final Map<String, byte[]> byAddress = new ConcurrentHashMap<>();

        @Override
        public <Q, A> ClientCall<Q, A> interceptCall(MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
            byte[] proof = byAddress.get(next.authority());
            return new ForwardingClientCall.SimpleForwardingClientCall<>(next.newCall(method, options)) {
                @Override
                public void start(Listener<A> listener, Metadata metadata) {
                    if (proof != null) {
                        metadata.put(RaftCalls.PROOF, proof);
                    }
                    super.start(listener, metadata);
                }
            };
        }
    }

    private static final class Registered implements InternalConfigurator {
        /** Ratis builds its channels itself and passes nothing of ours: all that tells them apart is whom they call. */
        private static final Proofs PROOFS = new Proofs();

        static {
            if (!InternalConfiguratorRegistry.wasSetConfiguratorsCalled()) {
                InternalConfiguratorRegistry.setConfigurators(List.of(new Registered()));
            }
        }

        private final ExecutorService others =
                Executors.newCachedThreadPool(new DefaultThreadFactory("ratis-answers", true));

        static void touch() {}

        @Override
        public void configureChannelBuilder(ManagedChannelBuilder<?> builder) {
            builder.intercept(PROOFS);
            builder.executor(task -> {
                if (Thread.currentThread() instanceof FastThreadLocalThread) { // an event loop of gRPC's Netty
                    task.run();
                } else {
                    others.execute(task);
                }
            });
        }

        @Override
        public void configureServerBuilder(ServerBuilder<?> builder) {
            builder.directExecutor();
        }
    }
}
