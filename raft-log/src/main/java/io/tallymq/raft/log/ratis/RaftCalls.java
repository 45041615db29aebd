package io.tallymq.raft.log.ratis;

import io.tallymq.raft.log.config.LinkTuning;
import io.tallymq.raft.log.config.RaftNodeConfig;
import io.tallymq.timer.SparseLog;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.concurrent.TimeUnit;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.apache.ratis.grpc.server.GrpcServices;
import org.apache.ratis.proto.grpc.RaftServerProtocolServiceGrpc;
import org.apache.ratis.thirdparty.io.grpc.Grpc;
import org.apache.ratis.thirdparty.io.grpc.Metadata;
import org.apache.ratis.thirdparty.io.grpc.ServerCall;
import org.apache.ratis.thirdparty.io.grpc.ServerCallHandler;
import org.apache.ratis.thirdparty.io.grpc.ServerInterceptor;
import org.apache.ratis.thirdparty.io.grpc.Status;
import org.apache.ratis.thirdparty.io.grpc.netty.NettyServerBuilder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who may call on the Raft port: nodes of the cluster, and of them only Raft's own calls. Each call carries a proof in its metadata, an
 * HMAC under the cluster's secret of the cluster's name and both nodes' ids, and the caller's id, so the secret is never sent, a proof is
 * good for one node only, and who is none of the peers is refused although it knows the secret. It is the same for each call: it keeps out who can reach the port, not who can read what the nodes send each
 * other; that takes TLS, see {@link RaftPortGate}. Calls of Ratis' clients and administrators are refused whatever they carry: nobody makes any.
 *
 * <p>A node without peers takes no call at all. The calls of a node are handled one at a time, see {@link CallTurns}.
 */
public final class RaftCalls implements ServerInterceptor, GrpcServices.Customizer {
    static final Metadata.Key<byte[]> PROOF =
            Metadata.Key.of("tallymq-proof" + Metadata.BINARY_HEADER_SUFFIX, Metadata.BINARY_BYTE_MARSHALLER);

    /** A node's connection has a handful of calls open: appends, heartbeats, votes. */
    private static final int MAX_CALLS_PER_CONNECTION = 64;

    /** How long a connection may take until it speaks HTTP/2; gRPC's own limit is two minutes. */
    private static final long MAX_GREETING_SECONDS = 3;

    /** The proof and what HTTP/2 adds. */
    private static final int MAX_METADATA_BYTES = 8 << 10;

    /** Who connects and calls nothing for so long is disconnected; a node dials again when it has to. */
    private static final long MAX_IDLE_SECONDS = 60;

    private static final String ALGORITHM = "HmacSHA256";
    private static final int MAC_BYTES = 32;
    private static final Logger LOG = LoggerFactory.getLogger(RaftCalls.class);

    private final RaftNodeConfig config;
    private final boolean alone;
    private final int maxConnections;
    private final SparseLog refusals = new SparseLog(LOG);
    private final CallTurns turns = new CallTurns();
    private volatile PreVoteGate.Rule preVotes = (candidate, term, index) -> null;

    /** For one start of a node. */
    public RaftCalls(RaftNodeConfig config) {
        this.config = config;
        this.alone = config.peers().size() == 1;
        this.maxConnections = config.tuning().link().strangers()
                + LinkTuning.CONNECTIONS_PER_PEER * config.peers().size();
    }

    /** Calls and connections that were refused on the Raft port since the start. Any thread. */
    public long refused() {
        return refusals.total() + (config.tls() == null ? 0 : config.tls().refused(RaftPortGate.PORT));
    }

    /** In which the calls are handled. */
    public CallTurns turns() {
        return turns;
    }

    /** From now on who asks for a pre-vote has to pass this too. */
    public void preVotesBy(PreVoteGate.Rule rule) {
        preVotes = rule;
    }

    /** What proves to the node with the id {@code to} that a call comes from this node of its cluster: the HMAC, then this node's id. */
    static byte[] proof(RaftNodeConfig config, String to) {
        return proof(config, config.nodeId(), to);
    }

    private static byte[] proof(RaftNodeConfig config, String from, String to) {
        byte[] id = from.getBytes(StandardCharsets.UTF_8);
        byte[] proof = Arrays.copyOf(hmac(config, from, to), MAC_BYTES + id.length);
        System.arraycopy(id, 0, proof, MAC_BYTES, id.length);
        return proof;
    }

    private static byte[] hmac(RaftNodeConfig config, String from, String to) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            byte[] key = ("tallymq-raft:" + config.secret()).getBytes(StandardCharsets.UTF_8);
            mac.init(new SecretKeySpec(key, ALGORITHM));
            for (String part : new String[] {config.clusterName(), from, to}) {
                byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
                mac.update((byte) (bytes.length >>> 8));
                mac.update((byte) bytes.length);
                mac.update(bytes);
            }
            return mac.doFinal();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java platform has " + ALGORITHM, e);
        }
    }

    private long greetingSeconds() {
        return config.tls() == null ? MAX_GREETING_SECONDS : LinkTuning.TLS_FACTOR * MAX_GREETING_SECONDS;
    }

    @Override
    public NettyServerBuilder customize(NettyServerBuilder builder, EnumSet<GrpcServices.Type> types) {
        return builder.intercept(this)
                .protocolNegotiator(new RaftPortGate(maxConnections, refusals, config.tls()))
                .handshakeTimeout(greetingSeconds(), TimeUnit.SECONDS)
                .maxConnectionIdle(MAX_IDLE_SECONDS, TimeUnit.SECONDS)
                .maxConcurrentCallsPerConnection(MAX_CALLS_PER_CONNECTION)
                .maxInboundMetadataSize(MAX_METADATA_BYTES);
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata metadata, ServerCallHandler<Q, A> next) {
        String refusal = refusal(call, metadata);
        if (refusal == null) {
            return turns.of(call, new PreVoteGate<>(call, next.startCall(call, metadata), preVotes));
        }
        refusals.warn(
                "Call {} of {} on the Raft port refused: {}",
                call.getMethodDescriptor().getFullMethodName(),
                call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR),
                refusal);
        call.close(Status.UNAUTHENTICATED.withDescription(refusal), new Metadata());
        return new ServerCall.Listener<>() {};
    }

    private String refusal(ServerCall<?, ?> call, Metadata metadata) {
        String service = call.getMethodDescriptor().getServiceName();
        if (!RaftServerProtocolServiceGrpc.SERVICE_NAME.equals(service)) {
            return "only the nodes of the cluster may call here, and only for Raft: use AMQP or HTTP";
        }
        if (alone) {
            return "this node is configured without peers: add them to cluster.peers";
        }
        byte[] given = metadata.get(PROOF);
        if (given == null) {
            return "the call carries no proof of the cluster's secret";
        }
        String from = given.length > MAC_BYTES
                ? new String(given, MAC_BYTES, given.length - MAC_BYTES, StandardCharsets.UTF_8)
                : "";
        if (MessageDigest.isEqual(given, proof(config, from, config.nodeId()))) {
            boolean known = config.peer(from) != null && !from.equals(config.nodeId());
            return known
                    ? null
                    : "the caller's id '" + from
                            + "' is none of the other nodes' in cluster.peers: it is another node, or"
                            + " has lost its data's id; write the same name:id in cluster.peers of all nodes";
        }
        return "the caller has another cluster.secret, or takes this node for another one: set the same cluster.secret"
                + " and cluster.peers on all nodes";
    }
}
