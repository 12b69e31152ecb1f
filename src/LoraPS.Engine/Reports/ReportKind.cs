namespace LoraPS.Engine.Reports;

/// <summary>What a report is of.</summary>
public enum ReportKind
{
    /// <summary>A training run.</summary>
    Training,

    /// <summary>A LoRA file.</summary>
    Lora,

    /// <summary>A LoRA or a model that was made of others.</summary>
    Merge,
}
