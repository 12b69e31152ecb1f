namespace LoraPS.Engine.Training;

/// <summary>Which earlier save goes when another is made.</summary>
/// <remarks>As sd-scripts 48d368fa: keeping the last n epochs counts saves, keeping the last n steps counts steps; each save removes one at most.</remarks>
public static class SaveRetention
{
    /// <summary>The step whose save goes.</summary>
    /// <param name="step">Steps done.</param>
    /// <param name="every">Steps between saves.</param>
    /// <param name="last">How many steps old a save may be; null keeps all.</param>
    /// <returns>Its number, or null where none goes.</returns>
    public static int? OutdatedStep(int step, int every, int? last) => Counted((step - last - 1) / every * every);

    /// <summary>The epoch whose save goes.</summary>
    /// <param name="epoch">Number of the epoch, from 1.</param>
    /// <param name="every">Epochs between saves.</param>
    /// <param name="last">How many saves are kept; null keeps all.</param>
    /// <returns>Its number, or null where none goes.</returns>
    public static int? OutdatedEpoch(int epoch, int every, int? last) => Counted(epoch - (every * last));

    private static int? Counted(int? number) => number > 0 ? number : null;
}
