namespace LoraPS.Bench;

/// <summary>Something that can be measured by its name.</summary>
public interface IBenchmark
{
    /// <summary>The name it is run by.</summary>
    string Name { get; }

    /// <summary>One line on what it measures, with its options.</summary>
    string Summary { get; }

    /// <summary>Measures, and prints what it found.</summary>
    /// <param name="arguments">Options after the name.</param>
    /// <returns>The exit code.</returns>
    int Run(IReadOnlyList<string> arguments);
}
