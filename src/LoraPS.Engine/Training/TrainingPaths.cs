using System.Globalization;
using LoraPS.Engine.Formats;

namespace LoraPS.Engine.Training;

/// <summary>The files of a run; all lie beside the finished LoRA and are named after it.</summary>
/// <remarks>Names as sd-scripts gives them: <c>cat-000002.safetensors</c> after epoch 2, <c>cat-step00000100.safetensors</c> after step 100.</remarks>
public sealed class TrainingPaths
{
    private const string Extension = ".safetensors";
    private readonly string _stem;

    /// <summary>Derives the names.</summary>
    /// <param name="destinationPath">The finished LoRA; ".safetensors" is added where it is missing.</param>
    public TrainingPaths(string destinationPath)
    {
        ArgumentException.ThrowIfNullOrEmpty(destinationPath);
        var full = Path.GetFullPath(destinationPath);
        _stem = full.EndsWith(Extension, StringComparison.OrdinalIgnoreCase) ? full[..^Extension.Length] : full;
        Final = full == _stem ? _stem + Extension : full;
    }

    /// <summary>The finished LoRA.</summary>
    public string Final { get; }

    /// <summary>The state to resume from.</summary>
    public string State => _stem + ".state" + Extension;

    /// <summary>Name of the LoRA, without folder and extension.</summary>
    public string Name => Path.GetFileName(_stem);

    /// <summary>The LoRA as it was after an epoch.</summary>
    /// <param name="epoch">Number of the epoch, from 1.</param>
    public string Epoch(int epoch) => string.Create(CultureInfo.InvariantCulture, $"{_stem}-{epoch:000000}{Extension}");

    /// <summary>The LoRA as it was after a step.</summary>
    /// <param name="step">Steps done.</param>
    public string Step(int step) => string.Create(CultureInfo.InvariantCulture, $"{_stem}-step{step:00000000}{Extension}");

    /// <summary>A picture made after a step.</summary>
    /// <param name="step">Steps done.</param>
    /// <param name="index">Which of the prompts, from 0.</param>
    public string Sample(int step, int index) =>
        Path.Combine(Path.GetDirectoryName(_stem)!, "sample", string.Create(CultureInfo.InvariantCulture, $"{Name}-step{step:00000000}-{index:00}.png"));

    /// <summary>The state that belongs to a LoRA saved on the way.</summary>
    /// <param name="loraPath">The LoRA.</param>
    public static string StateBeside(string loraPath) => Path.ChangeExtension(loraPath, ".state" + Extension);

    /// <summary>Checks that no file of a run takes the place of another.</summary>
    /// <param name="options">Whether files may be replaced.</param>
    /// <param name="outputs">The LoRA files it writes.</param>
    /// <exception cref="DestinationExistsException">A file exists and may not be replaced.</exception>
    internal void ThrowIfTaken(TrainingOptions options, IEnumerable<string> outputs)
    {
        // What a resumed run writes on the way it may have written before it stopped.
        outputs = options.ResumePath is null ? outputs : [Final];
        var isOwnState = options.ResumePath is { } resumed && Path.GetFullPath(resumed) == State;
        var taken = outputs.Append(State).Where(File.Exists).FirstOrDefault(path => path != State || !isOwnState);
        if (taken is not null && !options.Overwrite)
            throw new DestinationExistsException(taken);
    }

    /// <summary>Keeps the names for one run, checks that files can be written, because hours of training must not end at a folder where they cannot, and clears away what a killed run left half written.</summary>
    /// <returns>To be disposed at the end of the run.</returns>
    /// <exception cref="DestinationInUseException">Another run has them.</exception>
    /// <exception cref="WriteFailedException">The folder cannot be written to.</exception>
    internal OutputLock Claim()
    {
        var claim = OutputLock.Take(Final);
        try
        {
            new AtomicFile(Final).Dispose();
            AtomicFile.DeleteLeftovers(_stem);
            return claim;
        }
        catch
        {
            claim.Dispose();
            throw;
        }
    }
}
