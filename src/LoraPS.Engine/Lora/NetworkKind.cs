namespace LoraPS.Engine.Lora;

/// <summary>What kind of small change a network makes to each layer.</summary>
public enum NetworkKind
{
    /// <summary>A product of two low-rank factors (Hu et al. 2021).</summary>
    Lora,

    /// <summary>Low-rank factors whose first ranks work by themselves (Valipour et al. 2022).</summary>
    DyLora,
}
