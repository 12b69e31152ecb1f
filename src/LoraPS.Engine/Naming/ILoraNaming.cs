namespace LoraPS.Engine.Naming;

/// <summary>One form of naming the tensors of a LoRA, read and written.</summary>
public interface ILoraNaming
{
    /// <summary>Which form.</summary>
    LoraFormat Format { get; }

    /// <summary>What a key means; null for a key that is not of this form, or of no module that is known.</summary>
    LoraTensorName? Parse(string key);

    /// <summary>The key of a tensor; null for one that this form has no name for.</summary>
    string? Write(LoraTensorName name);
}
