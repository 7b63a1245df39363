// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.fork;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.EngineProbe;
import dev.heddle.TaskEngine;
import dev.heddle.error.TaskFailedException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.SplittableRandom;
import java.util.concurrent.ThreadFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Trees whose sums are known, or are computed sequentially as well. */
@Timeout(300)
class ForkTreeTest {

  private static final int TREES = 20_000;

  @RegisterExtension final EngineProbe engines = new EngineProbe();

  // ---- random trees with exceptions

  /** A leaf of a random tree that fails. */
  private static final class LeafException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    final long leaf;

    LeafException(long leaf) {
      super("leaf=" + leaf, null, true, false);
      this.leaf = leaf;
    }
  }

  /** A node: its number decides what it is, and gives the numbers of its branches. */
  private static final ForkLong2 TREE =
      (scope, node, depth) ->
          isLeaf(node, depth)
              ? leaf(node)
              : isCaught(node)
                  ? caught(scope, node, depth)
                  : scope.joinLong(
                      ForkTreeTest.TREE,
                      mix(2 * node),
                      depth - 1,
                      mix(2 * node + 1),
                      depth - 1,
                      Long::sum);

  private static long caught(ForkScope scope, long node, long depth) {
    try {
      return scope.joinLong(
          left -> TREE.applyAsLong(left, mix(2 * node), depth - 1),
          right -> TREE.applyAsLong(right, mix(2 * node + 1), depth - 1),
          Long::sum);
    } catch (LeafException e) {
      return e.leaf;
    }
  }

  private static long sequentially(long node, long depth) {
    if (isLeaf(node, depth)) {
      return leaf(node);
    }
    try {
      return sequentially(mix(2 * node), depth - 1) + sequentially(mix(2 * node + 1), depth - 1);
    } catch (LeafException e) {
      if (isCaught(node)) {
        return e.leaf;
      }
      throw e;
    }
  }

  private static boolean isLeaf(long node, long depth) {
    return depth == 0 || (node & 7) == 0;
  }

  private static boolean isCaught(long node) {
    return (node >>> 3 & 15) == 0;
  }

  private static long leaf(long node) {
    if ((node >>> 7 & 255) == 0) {
      throw new LeafException(node);
    }
    return node >>> 32;
  }

  /** The finalizer of SplitMix64. */
  private static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 8})
  void randomTrees_sumOrLeftmostFailure_asSequentially(int workers) {
    TaskEngine engine = engines.start(workers);
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    engine
        .submit(
            () -> {
              for (int i = 0; i < TREES; i++) {
                long root = random.nextLong();
                int depth = 1 + random.nextInt(16);
                String expected = outcome(() -> sequentially(root, depth));
                String actual = outcome(() -> engine.computeLong(TREE, root, depth));
                assertThat(actual).as("seed=%d, tree=%d", seed, i).isEqualTo(expected);
              }
            })
        .join();
  }

  private static String outcome(java.util.function.LongSupplier computation) {
    try {
      return "sum=" + computation.getAsLong();
    } catch (LeafException e) {
      return "leaf=" + e.leaf;
    } catch (TaskFailedException e) {
      return String.valueOf(requireNonNull(e.getCause()).getMessage());
    }
  }

  // ---- n queens

  private record Board(int columns, int falling, int rising, int row, int column) {}

  private static final int QUEENS = 12;

  /** Solutions with the queens of the board, and one in its column or a later one of its row. */
  private static final Fork<Board, Integer> PLACE =
      (scope, board) -> {
        if (board.row == QUEENS) {
          return 1;
        }
        int column = board.column;
        if (column == QUEENS) {
          return 0;
        }
        Board elsewhere =
            new Board(board.columns, board.falling, board.rising, board.row, column + 1);
        int falling = board.row - column + QUEENS;
        int rising = board.row + column;
        if ((board.columns >>> column & 1) != 0
            || (board.falling >>> falling & 1) != 0
            || (board.rising >>> rising & 1) != 0) {
          return ForkTreeTest.PLACE.apply(scope, elsewhere);
        }
        Board here =
            new Board(
                board.columns | 1 << column,
                board.falling | 1 << falling,
                board.rising | 1 << rising,
                board.row + 1,
                0);
        return scope.join(ForkTreeTest.PLACE, here, elsewhere, Integer::sum);
      };

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void queens_twelve_allSolutions(int workers) {
    TaskEngine engine = engines.start(workers);
    assertThat(engine.compute(PLACE, new Board(0, 0, 0, 0, 0))).isEqualTo(14_200);
  }

  // ---- unbalanced tree search

  /**
   * The trees of the Unbalanced Tree Search benchmark (Olivier and others 2006): a node is a SHA-1
   * of its parent's and its own number, and decides by it how many children it has.
   */
  private sealed interface Shape {
    int children(Node node);

    /** T1: geometric, 4 children on average down to a depth of 10. */
    record Geometric(int children, int depth) implements Shape {
      @Override
      public int children(Node node) {
        if (node.depth >= depth) {
          return 0;
        }
        double p = 1.0 / (1 + children);
        return Math.min(100, (int) Math.floor(Math.log(1 - node.probability()) / Math.log(1 - p)));
      }
    }

    /** T3: a root with many children, and below it many or none. */
    record Binomial(int rootChildren, double q, int children) implements Shape {
      @Override
      public int children(Node node) {
        if (node.depth == 0) {
          return rootChildren;
        }
        return node.probability() < q ? children : 0;
      }
    }
  }

  private static final class Node {
    final Shape shape;
    final byte[] state;
    final int depth;

    Node(Shape shape, byte[] state, int depth) {
      this.shape = shape;
      this.state = state;
      this.depth = depth;
    }

    static Node root(Shape shape, int seed) {
      return new Node(shape, sha1(ByteBuffer.allocate(20).putInt(16, seed).array()), 0);
    }

    Node child(int number) {
      byte[] input = ByteBuffer.allocate(24).put(state).putInt(number).array();
      return new Node(shape, sha1(input), depth + 1);
    }

    double probability() {
      return (ByteBuffer.wrap(state).getInt(16) & Integer.MAX_VALUE) / 2147483648.0;
    }

    private static byte[] sha1(byte[] input) {
      try {
        return MessageDigest.getInstance("SHA-1").digest(input);
      } catch (NoSuchAlgorithmException e) {
        throw new AssertionError(e);
      }
    }
  }

  /** Nodes and greatest depth of what is below some of the children, in one number. */
  private static long search(ForkScope scope, Node node) {
    int children = node.shape.children(node);
    long below = children == 0 ? 0 : searchChildren(scope, node, 0, children);
    return join(below, pack(1, node.depth));
  }

  private static long searchChildren(ForkScope scope, Node node, int from, int to) {
    if (to - from == 1) {
      return search(scope, node.child(from));
    }
    int middle = (from + to) >>> 1;
    return scope.joinLong(
        left -> searchChildren(left, node, from, middle),
        right -> searchChildren(right, node, middle, to),
        ForkTreeTest::join);
  }

  private static long pack(long nodes, long depth) {
    return nodes << 16 | depth;
  }

  private static long join(long a, long b) {
    return pack((a >>> 16) + (b >>> 16), Math.max(a & 0xffff, b & 0xffff));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void uts_t1_exact(int workers) {
    TaskEngine engine = engines.start(workers);
    Node root = Node.root(new Shape.Geometric(4, 10), 19);
    assertThat(engine.<Long>compute(scope -> search(scope, root))).isEqualTo(pack(4_130_071, 10));
  }

  @Test
  void uts_t3_exact() {
    // 1,572 levels of three joins each are more than a default stack bears as long as they are
    // interpreted.
    ThreadFactory deep = body -> new Thread(null, body, "deep", 16 << 20);
    try (TaskEngine engine = TaskEngine.builder().workers(2).threadFactory(deep).build()) {
      Node root = Node.root(new Shape.Binomial(2_000, 0.124875, 8), 42);
      assertThat(engine.<Long>compute(scope -> search(scope, root)))
          .isEqualTo(pack(4_112_897, 1_572));
    }
  }
}
