using LoraPS.Engine.Merging;
using LoraPS.Engine.Training;

namespace LoraPS.Engine.Reports;

/// <summary>What is to be reported on: a path, or the result of a command, which tells more than its file.</summary>
/// <param name="Path">Full path of the file or folder it is of.</param>
public sealed record ReportSource(string Path)
{
    /// <summary>The result of a training, or null.</summary>
    public TrainingResult? Training { get; private init; }

    /// <summary>The result that made a LoRA of others, or null.</summary>
    public LoraResult? Merge { get; private init; }

    /// <summary>The result that merged LoRAs into a model, or null.</summary>
    public CheckpointFuseResult? Fusion { get; private init; }

    /// <summary>The result that made a model of others, or null.</summary>
    public CheckpointMergeResult? CheckpointMerge { get; private init; }

    /// <summary>What the result of a command is a source of; null for one that is none.</summary>
    /// <param name="result">A result of Start-LoraTraining, Merge-Lora, Invoke-SvdMergeLora, Resize-Lora and others that make files.</param>
    public static ReportSource? Of(object result) => result switch
    {
        ReportSource source => source,
        TrainingResult training => new(training.Path) { Training = training },
        LoraResult merge => new(merge.Path) { Merge = merge },
        CheckpointFuseResult fusion => new(fusion.Path) { Fusion = fusion },
        CheckpointMergeResult merge => new(merge.Path) { CheckpointMerge = merge },
        _ => null,
    };
}
