namespace LoraPS.Engine.Training.Optimizers;

/// <summary>The optimizers there are; a new one is a file and a line here.</summary>
public static class OptimizerKinds
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<OptimizerKind> All { get; } =
    [
        AdamW.Kind,
        AdamW8bit.Kind,
        Lion.Kind,
        Lion.Kind8bit,
        SgdNesterov.Kind,
        Adafactor.Kind,
        DAdaptAdam.Kind,
        DAdaptAdam.KindW,
        Prodigy.Kind,
    ];

    /// <summary>Their names.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(kind => kind.Name)];

    /// <summary>Finds an optimizer.</summary>
    /// <param name="name">Its name or another name it has, in any case.</param>
    /// <exception cref="ArgumentException">There is none of that name.</exception>
    public static OptimizerKind Find(string name) =>
        All.FirstOrDefault(kind => kind.Aliases.Append(kind.Name).Contains(name, StringComparer.OrdinalIgnoreCase))
        ?? throw new ArgumentException($"There is no optimizer '{name}'. There are {string.Join(", ", Names)}.");
}
