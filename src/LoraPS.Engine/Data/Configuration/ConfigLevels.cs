namespace LoraPS.Engine.Data.Configuration;

/// <summary>The parts of a configuration in which an option may stand.</summary>
[Flags]
internal enum ConfigLevels
{
    /// <summary><c>[general]</c>.</summary>
    General = 1,

    /// <summary><c>[[datasets]]</c>.</summary>
    Dataset = 2,

    /// <summary><c>[[datasets.subsets]]</c>.</summary>
    Subset = 4,

    /// <summary>General and data set.</summary>
    Upper = General | Dataset,

    /// <summary>All of them.</summary>
    All = Upper | Subset,
}
