namespace LoraPS.Engine.Merging;

/// <summary>A way to make one LoRA module of several.</summary>
/// <remarks>
/// To add one: a sealed class in a file of its own, and a line in <see cref="MergeMethods"/>. A method sees one module at a
/// time, keeps nothing between modules, and gives the same result for the same input.
/// </remarks>
public interface IMergeMethod
{
    /// <summary>The name users choose it by, also written to the result's metadata.</summary>
    string Name { get; }

    /// <summary>Merges one module.</summary>
    /// <param name="merging">Terms with weights other than 0, on the CPU.</param>
    /// <returns>Factors the caller disposes.</returns>
    /// <exception cref="LoraMergeException">The method cannot merge these terms.</exception>
    MergedModule Merge(MergeModule merging);
}
