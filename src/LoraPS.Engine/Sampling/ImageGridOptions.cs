namespace LoraPS.Engine.Sampling;

/// <summary>How pictures are laid side by side.</summary>
public sealed record ImageGridOptions
{
    /// <summary>The PNG file.</summary>
    public required string DestinationPath { get; init; }

    /// <summary>Pictures in a row.</summary>
    /// <value>Default null: as many as make the grid about square.</value>
    public int? Columns { get; init; }

    /// <summary>How many times as large each picture is shown, every pixel as a square.</summary>
    /// <value>Default 1.</value>
    public int Scale { get; init; } = 1;

    /// <summary>Space between pictures, pixels.</summary>
    /// <value>Default 4.</value>
    public int Gap { get; init; } = 4;

    /// <summary>Whether a file that exists may be replaced.</summary>
    /// <value>Default false.</value>
    public bool Overwrite { get; init; }

    /// <summary>Checks every number against its range.</summary>
    /// <exception cref="ArgumentException">One is outside.</exception>
    internal void Validate()
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(DestinationPath);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Columns ?? 1, nameof(Columns));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Scale);
        ArgumentOutOfRangeException.ThrowIfNegative(Gap);
    }
}
