using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace LoraPS.Engine.Runtime;

/// <summary>The same work for many items, on all processors, with the results in the order of the items.</summary>
/// <remarks>
/// Each item is worked on by one thread alone, from beginning to end and under <see cref="OneThread"/>, so results do not
/// depend on how many processors there are. A result holds no tensor, see <see cref="TensorCopy"/>.
/// </remarks>
internal static class OrderedWork
{
    /// <summary>Works on the items; results come as they are ready, in order, on the calling thread.</summary>
    /// <param name="items">What to work on.</param>
    /// <param name="work">The work; called by several threads at once.</param>
    /// <param name="cancellationToken">Asked before each item.</param>
    /// <param name="mostThreads">How many items are worked on at once, however many processors there are: for work that takes much memory.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static IEnumerable<TResult> Map<TItem, TResult>(IEnumerable<TItem> items, Func<TItem, TResult> work, CancellationToken cancellationToken, int mostThreads = int.MaxValue)
    {
        var query = Partitioner.Create(items, EnumerablePartitionerOptions.NoBuffering)
            .AsParallel().AsOrdered().WithDegreeOfParallelism(Math.Min(mostThreads, Environment.ProcessorCount)).WithMergeOptions(ParallelMergeOptions.NotBuffered).WithCancellation(cancellationToken)
            .Select(item =>
            {
                using var alone = OneThread.Begin();
                return work(item);
            });
        using var results = query.GetEnumerator();
        while (MoveNext(results))
            yield return results.Current;
    }

    // What one item threw, rather than the list of what all threads threw.
    private static bool MoveNext<TResult>(IEnumerator<TResult> results)
    {
        try
        {
            return results.MoveNext();
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
            throw;
        }
    }
}
